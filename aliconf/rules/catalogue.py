"""All rules. Importing this module registers them."""

from aliconf.rules import accounts as accounts
from aliconf.rules import campaigns as campaigns
from aliconf.rules import currencies as currencies
from aliconf.rules import identity as identity
from aliconf.rules import images as images
from aliconf.rules import inventory as inventory
from aliconf.rules import listing_templates as listing_templates
from aliconf.rules import orders as orders
from aliconf.rules import pricing as pricing
from aliconf.rules import project as project
from aliconf.rules import references as references
from aliconf.rules import sale_prices as sale_prices
from aliconf.rules import synchronization as synchronization
from aliconf.rules import system_check as system_check
from aliconf.rules import title_templates as title_templates
from aliconf.rules.registry import RULES as RULES
