BEGIN TRANSACTION;
CREATE TABLE account (
	name VARCHAR(63) NOT NULL, 
	title VARCHAR(255) NOT NULL, 
	region VARCHAR(2) NOT NULL, 
	store_view VARCHAR(64) NOT NULL, 
	currency VARCHAR(3), 
	order_policy VARCHAR(63), 
	synchronization_policy VARCHAR(63), 
	body TEXT DEFAULT '{}' NOT NULL, 
	labels TEXT DEFAULT '{}' NOT NULL, 
	protect BOOLEAN DEFAULT 0 NOT NULL, 
	managed_by VARCHAR(63), 
	created_at VARCHAR(20) NOT NULL, 
	updated_at VARCHAR(20) NOT NULL, 
	authorized_at VARCHAR(20), 
	deleted_at VARCHAR(20), 
	PRIMARY KEY (name)
);
INSERT INTO "account" VALUES('es','Spain','ES','es_es',NULL,NULL,NULL,'{}','{"market":"eu"}',0,'shop','2026-11-23T15:17:10Z','2026-11-23T15:17:10Z',NULL,NULL);
INSERT INTO "account" VALUES('fr','France – «été»','FR','fr_fr',NULL,NULL,NULL,'{}','{}',0,NULL,'2026-11-23T15:17:11Z','2026-11-23T15:17:11Z',NULL,'2026-11-23T15:17:11Z');
CREATE TABLE aliconf_connector (
	id VARCHAR(10) NOT NULL, 
	created_at VARCHAR(20) NOT NULL, 
	defaults_generated_at VARCHAR(20), 
	PRIMARY KEY (id)
);
INSERT INTO "aliconf_connector" VALUES('c-ecdd64de','2026-11-23T15:17:10Z','2026-11-23T15:17:10Z');
CREATE TABLE aliconf_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT aliconf_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "aliconf_version" VALUES('0001');
CREATE TABLE campaign (
	name VARCHAR(63) NOT NULL, 
	title VARCHAR(255) NOT NULL, 
	priority INTEGER NOT NULL, 
	active_from VARCHAR(27) NOT NULL, 
	active_until VARCHAR(27) NOT NULL, 
	image_policy VARCHAR(63), 
	pricing_policy VARCHAR(63), 
	inventory_policy VARCHAR(63), 
	body TEXT DEFAULT '{}' NOT NULL, 
	labels TEXT DEFAULT '{}' NOT NULL, 
	protect BOOLEAN DEFAULT 0 NOT NULL, 
	managed_by VARCHAR(63), 
	created_at VARCHAR(20) NOT NULL, 
	updated_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "campaign" VALUES('black-friday','Black Friday',100,'2026-11-26T23:00:00Z','2026-11-30T23:00:00Z',NULL,'markup',NULL,'{"accounts":["es"]}','{}',0,'shop','2026-11-23T15:17:11Z','2026-11-23T15:17:11Z');
CREATE TABLE journal (
	id INTEGER NOT NULL, 
	run_id VARCHAR(10) NOT NULL, 
	recorded_at VARCHAR(20) NOT NULL, 
	project VARCHAR(63) NOT NULL, 
	actor VARCHAR(255) NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	result VARCHAR(16) NOT NULL, 
	state_before TEXT, 
	state_after TEXT, 
	message TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "journal" VALUES(1,'r-6d27cdb5','2026-11-23T15:17:10Z','shop','mia@laptop','create','Registration','merchant','done',NULL,'{"body":{"acceptTerms":true,"email":"shop@example.com"},"labels":{},"managedBy":"shop","name":"merchant","protect":false}','');
INSERT INTO "journal" VALUES(2,'r-6d27cdb5','2026-11-23T15:17:10Z','shop','mia@laptop','create','PricingPolicy','markup','done',NULL,'{"body":{"adjustments":[{"increaseByPercent":"12"}],"title":"Markup 12 %"},"default":true,"labels":{},"managedBy":"shop","name":"markup","protect":false}','');
INSERT INTO "journal" VALUES(3,'r-6d27cdb5','2026-11-23T15:17:10Z','shop','mia@laptop','create','Account','es','done',NULL,'{"body":{"storeView":"es_es","title":"Spain"},"labels":{"market":"eu"},"managedBy":"shop","name":"es","protect":false}','');
INSERT INTO "journal" VALUES(4,'r-6d27cdb5','2026-11-23T15:17:11Z','shop','mia@laptop','generate','ImagePolicy','default','done',NULL,'{"body":{"background":"white","belowMinimum":"skip","formats":["jpeg","jpg","png"],"gallery":"all","mainImageAttribute":"image","maxFileSize":"3MB","maxImages":6,"minimumResolution":{"height":800,"width":800},"shape":"keep","title":"Default Image Policy"},"default":true,"labels":{},"managedBy":null,"name":"default","protect":false}','');
INSERT INTO "journal" VALUES(5,'r-6d27cdb5','2026-11-23T15:17:11Z','shop','mia@laptop','generate','InventoryPolicy','default','done',NULL,'{"body":{"outOfStock":"sendZero","percentage":100,"safetyStock":0,"source":{"type":"stock"},"title":"Default Inventory Policy","updateEvery":"2h"},"default":true,"labels":{},"managedBy":null,"name":"default","protect":false}','');
INSERT INTO "journal" VALUES(6,'r-6d27cdb5','2026-11-23T15:17:11Z','shop','mia@laptop','generate','PricingPolicy','default','done',NULL,'{"body":{"adjustments":[],"priceAttribute":"price","rounding":{"mode":"none"},"title":"Default Pricing Policy"},"default":false,"labels":{},"managedBy":null,"name":"default","protect":false}','');
INSERT INTO "journal" VALUES(7,'r-6d27cdb5','2026-11-23T15:17:11Z','shop','mia@laptop','generate','OrderPolicy','default','done',NULL,'{"body":{"allowOutOfStock":false,"createOrders":true,"createWhen":"WAIT_SELLER_SEND_GOODS","customer":{"mode":"guest"},"fulfillment":{"carriers":{},"sendTracking":true,"trackingRequired":false},"invoice":{"automatic":false},"notification":{"enabled":false},"orderNumber":{"source":"magento"},"productMissing":"doNotCreateOrder","skuAttribute":"sku","statusMapping":{"FINISH":{"cancelled":"canceled","completed":"complete"},"FUND_PROCESSING":"complete","IN_CANCEL":"holded","IN_FROZEN":"holded","IN_ISSUE":"holded","PLACE_ORDER_SUCCESS":"pending_payment","RISK_CONTROL":"payment_review","SELLER_PART_SEND_GOODS":"processing","WAIT_BUYER_ACCEPT_GOODS":"complete","WAIT_SELLER_EXAMINE_MONEY":"payment_review","WAIT_SELLER_SEND_GOODS":"processing"},"title":"Default Order Policy","useMagentoTaxes":false},"default":true,"labels":{},"managedBy":null,"name":"default","protect":false}','');
INSERT INTO "journal" VALUES(8,'r-6d27cdb5','2026-11-23T15:17:11Z','shop','mia@laptop','generate','SynchronizationPolicy','default','done',NULL,'{"body":{"includeNotVisibleIndividually":false,"includeOutOfStock":false,"orders":true,"pricesAndInventory":true,"products":{"assign":true,"update":true,"upload":true},"schedule":{},"title":"Default Synchronization Policy"},"default":true,"labels":{},"managedBy":null,"name":"default","protect":false}','');
INSERT INTO "journal" VALUES(9,'r-6d27cdb5','2026-11-23T15:17:11Z','shop','mia@laptop','create','ListingTemplate','shoes','done',NULL,'{"body":{"accounts":["es"],"categoryId":200000343,"pricingPolicy":"markup","priority":100,"query":{"all":[]},"title":"Shoes"},"labels":{},"managedBy":"shop","name":"shoes","protect":true}','');
INSERT INTO "journal" VALUES(10,'r-6d27cdb5','2026-11-23T15:17:11Z','shop','mia@laptop','create','Campaign','black-friday','done',NULL,'{"body":{"accounts":["es"],"active":{"from":"2026-11-26T23:00:00Z","until":"2026-11-30T23:00:00Z"},"pricingPolicy":"markup","priority":100,"title":"Black Friday"},"labels":{},"managedBy":"shop","name":"black-friday","protect":false}','');
INSERT INTO "journal" VALUES(11,'r-fe518d0a','2026-11-23T15:17:11Z','shop','mia@laptop','create','Account','fr','done',NULL,'{"body":{"storeView":"fr_fr","title":"France – «été»"},"labels":{},"managedBy":"shop","name":"fr","protect":false}','');
INSERT INTO "journal" VALUES(12,'r-cb6b1c6c','2026-11-23T15:17:11Z','shop','mia@laptop','delete','Account','fr','done','{"body":{"storeView":"fr_fr","title":"France – «été»"},"labels":{},"managedBy":"shop","name":"fr","protect":false}',NULL,'');
CREATE TABLE listing_template (
	name VARCHAR(63) NOT NULL, 
	title VARCHAR(255) NOT NULL, 
	category_id BIGINT NOT NULL, 
	priority INTEGER NOT NULL, 
	image_policy VARCHAR(63), 
	pricing_policy VARCHAR(63), 
	inventory_policy VARCHAR(63), 
	language VARCHAR(8), 
	body TEXT DEFAULT '{}' NOT NULL, 
	labels TEXT DEFAULT '{}' NOT NULL, 
	protect BOOLEAN DEFAULT 0 NOT NULL, 
	managed_by VARCHAR(63), 
	created_at VARCHAR(20) NOT NULL, 
	updated_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "listing_template" VALUES('shoes','Shoes',200000343,100,NULL,'markup',NULL,NULL,'{"accounts":["es"],"query":{"all":[]}}','{}',1,'shop','2026-11-23T15:17:11Z','2026-11-23T15:17:11Z');
CREATE TABLE policy (
	kind VARCHAR(32) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	title VARCHAR(255) NOT NULL, 
	body TEXT DEFAULT '{}' NOT NULL, 
	labels TEXT DEFAULT '{}' NOT NULL, 
	protect BOOLEAN DEFAULT 0 NOT NULL, 
	managed_by VARCHAR(63), 
	created_at VARCHAR(20) NOT NULL, 
	updated_at VARCHAR(20) NOT NULL, 
	system_generated BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (kind, name)
);
INSERT INTO "policy" VALUES('PricingPolicy','markup','Markup 12 %','{"adjustments":[{"increaseByPercent":"12"}]}','{}',0,'shop','2026-11-23T15:17:10Z','2026-11-23T15:17:10Z',0);
INSERT INTO "policy" VALUES('ImagePolicy','default','Default Image Policy','{"background":"white","belowMinimum":"skip","formats":["jpeg","jpg","png"],"gallery":"all","mainImageAttribute":"image","maxFileSize":"3MB","maxImages":6,"minimumResolution":{"height":800,"width":800},"shape":"keep"}','{}',0,NULL,'2026-11-23T15:17:11Z','2026-11-23T15:17:11Z',1);
INSERT INTO "policy" VALUES('InventoryPolicy','default','Default Inventory Policy','{"outOfStock":"sendZero","percentage":100,"safetyStock":0,"source":{"type":"stock"},"updateEvery":"2h"}','{}',0,NULL,'2026-11-23T15:17:11Z','2026-11-23T15:17:11Z',1);
INSERT INTO "policy" VALUES('PricingPolicy','default','Default Pricing Policy','{"adjustments":[],"priceAttribute":"price","rounding":{"mode":"none"}}','{}',0,NULL,'2026-11-23T15:17:11Z','2026-11-23T15:17:11Z',1);
INSERT INTO "policy" VALUES('OrderPolicy','default','Default Order Policy','{"allowOutOfStock":false,"createOrders":true,"createWhen":"WAIT_SELLER_SEND_GOODS","customer":{"mode":"guest"},"fulfillment":{"carriers":{},"sendTracking":true,"trackingRequired":false},"invoice":{"automatic":false},"notification":{"enabled":false},"orderNumber":{"source":"magento"},"productMissing":"doNotCreateOrder","skuAttribute":"sku","statusMapping":{"FINISH":{"cancelled":"canceled","completed":"complete"},"FUND_PROCESSING":"complete","IN_CANCEL":"holded","IN_FROZEN":"holded","IN_ISSUE":"holded","PLACE_ORDER_SUCCESS":"pending_payment","RISK_CONTROL":"payment_review","SELLER_PART_SEND_GOODS":"processing","WAIT_BUYER_ACCEPT_GOODS":"complete","WAIT_SELLER_EXAMINE_MONEY":"payment_review","WAIT_SELLER_SEND_GOODS":"processing"},"useMagentoTaxes":false}','{}',0,NULL,'2026-11-23T15:17:11Z','2026-11-23T15:17:11Z',1);
INSERT INTO "policy" VALUES('SynchronizationPolicy','default','Default Synchronization Policy','{"includeNotVisibleIndividually":false,"includeOutOfStock":false,"orders":true,"pricesAndInventory":true,"products":{"assign":true,"update":true,"upload":true},"schedule":{}}','{}',0,NULL,'2026-11-23T15:17:11Z','2026-11-23T15:17:11Z',1);
CREATE TABLE policy_default (
	kind VARCHAR(32) NOT NULL, 
	policy VARCHAR(63) NOT NULL, 
	updated_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (kind), 
	CONSTRAINT policy_default_policy FOREIGN KEY(kind, policy) REFERENCES policy (kind, name) ON UPDATE CASCADE
);
INSERT INTO "policy_default" VALUES('PricingPolicy','markup','2026-11-23T15:17:10Z');
INSERT INTO "policy_default" VALUES('ImagePolicy','default','2026-11-23T15:17:11Z');
INSERT INTO "policy_default" VALUES('InventoryPolicy','default','2026-11-23T15:17:11Z');
INSERT INTO "policy_default" VALUES('OrderPolicy','default','2026-11-23T15:17:11Z');
INSERT INTO "policy_default" VALUES('SynchronizationPolicy','default','2026-11-23T15:17:11Z');
CREATE TABLE registration (
	name VARCHAR(63) NOT NULL, 
	email VARCHAR(320) NOT NULL, 
	accept_terms BOOLEAN NOT NULL, 
	body TEXT DEFAULT '{}' NOT NULL, 
	labels TEXT DEFAULT '{}' NOT NULL, 
	protect BOOLEAN DEFAULT 0 NOT NULL, 
	managed_by VARCHAR(63), 
	created_at VARCHAR(20) NOT NULL, 
	updated_at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "registration" VALUES('merchant','shop@example.com',1,'{}','{}',0,'shop','2026-11-23T15:17:10Z','2026-11-23T15:17:10Z');
CREATE TRIGGER account_region_fixed BEFORE UPDATE OF region ON account
    WHEN NEW.region IS NOT OLD.region
    BEGIN SELECT RAISE(ABORT, 'aliconf: the region of an account cannot be changed; create a new account under another name'); END;
CREATE TRIGGER account_region_reserved BEFORE INSERT ON account
    WHEN EXISTS (SELECT 1 FROM account WHERE name = NEW.name AND region <> NEW.region)
    BEGIN SELECT RAISE(ABORT, 'aliconf: the name of this account is reserved with another region; use another name'); END;
COMMIT;
