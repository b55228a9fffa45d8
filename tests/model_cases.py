"""Specs for the tests of the models: the least that a kind needs, and all that it takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aliconf.model.base import API_VERSION, Document
from aliconf.model.kinds import KINDS, NULL_IS_A_VALUE

Spec = dict[str, Any]

SMALL: dict[str, Spec] = {
    "Project": {},
    "Registration": {"email": "shop@example.com", "acceptTerms": True},
    "ImagePolicy": {"title": "Images"},
    "InventoryPolicy": {"title": "Stock"},
    "PricingPolicy": {"title": "Prices"},
    "OrderPolicy": {"title": "Orders", "createOrders": True},
    "SynchronizationPolicy": {"title": "Live"},
    "Account": {"title": "Spain", "region": "Spain", "storeView": "es_es"},
    "ListingTemplate": {
        "title": "Shoes",
        "accounts": ["es"],
        "categoryId": 200000343,
        "query": {"all": []},
    },
    "Campaign": {
        "title": "Black Friday",
        "accounts": {"matchLabels": {"market": "eu"}},
        "active": {"from": "2026-11-27T00:00:00+01:00", "until": "2026-12-01T00:00:00+01:00"},
    },
}
"""The least that each kind needs."""

FULL: dict[str, Spec] = {
    "Project": {
        "include": ["**/*.yaml", "../shared/*.yaml"],
        "connector": "postgresql://aliconf:${env:DB_PASSWORD}@db.example:5432/shop?sslmode=require",
        "magento": {
            "url": "https://shop.example/magento",
            "oauth": {
                "consumerKey": "${env:A}",
                "consumerSecret": "${env:B}",
                "accessToken": "${env:C}",
                "accessTokenSecret": "${file:/run/secrets/d}",
            },
            "caFile": "ca.pem",
        },
        "systemCheck": {
            "cron": True,
            "memoryLimit": "756M",
            "maxExecutionTime": 60,
            "by": "operations",
            "on": "2026-11-02",
        },
        "exchangeRates": [{"from": "EUR", "to": "PLN", "rate": 4.31, "asOf": "2026-11-02"}],
        "environments": {
            "staging": {
                "connector": "sqlite:///staging.db",
                "magento": {"url": "http://localhost:8080", "token": "${env:TOKEN}"},
                "overlays": ["overlays/*.yaml"],
                "accounts": ["es"],
                "synchronize": False,
                "requireReviewedPlan": True,
            }
        },
        "moved": [{"kind": "PricingPolicy", "from": "old", "to": "new"}],
        "guardrails": {"maximumUpdates": 25, "maximumDeletes": "12.5", "minimumObjects": 5},
        "rules": {
            "ALI414": "off",
            "ALI415": "error",
            "ignore": [
                {
                    "code": "ALI414",
                    "object": "PricingPolicy/markup",
                    "reason": "agreed",
                    "until": "2027-01-31",
                }
            ],
        },
    },
    "Registration": SMALL["Registration"],
    "ImagePolicy": {
        "title": "Images",
        "default": True,
        "basedOn": "default",
        "maxImages": 5,
        "mainImageAttribute": "marketplace_image",
        "gallery": "visible",
        "minimumResolution": {"width": 1000, "height": 1200},
        "belowMinimum": "reject",
        "formats": ["png", "jpg"],
        "maxFileSize": "512KB",
        "shape": "pad",
        "background": "#F5f5f5",
        "defaultImage": "media/none.PNG",
    },
    "InventoryPolicy": {
        "title": "Stock",
        "default": False,
        "basedOn": "default",
        "source": {"type": "msi", "sources": ["madrid", "bilbao"], "attribute": "qty"},
        "updateEvery": "120m",
        "safetyStock": 5,
        "percentage": 50,
        "threshold": {"value": 10, "sendAbove": 10, "sendBelow": 0},
        "defaultQuantity": 100,
        "maximum": 999_999,
        "outOfStock": "unlist",
    },
    "PricingPolicy": {
        "title": "Prices",
        "default": False,
        "basedOn": "default",
        "priceAttribute": "msrp",
        "adjustments": [
            {"increaseByPercent": 12},
            {"decreaseByPercent": 99.99},
            {"increaseByAmount": {"EUR": "1.50", "PLN": 6}},
            {"decreaseByAmount": 0.5},
            {"multiplyBy": "1.210"},
        ],
        "currency": {"rate": 4.31},
        "margin": {"costAttribute": "cost", "minimumMarkupPercent": 15, "missingCost": "reject"},
        "minimum": {"EUR": 0.01, "PLN": "0.05"},
        "maximum": 100000,
        "rounding": {"mode": "up", "ending": 0.99},
        "salePrice": {"adjustments": [{"decreaseByPercent": 20}], "minimum": {"EUR": 9.9}},
    },
    "OrderPolicy": {
        "title": "Orders",
        "default": True,
        "basedOn": "default",
        "createOrders": True,
        "createWhen": "SELLER_PART_SEND_GOODS",
        "skuAttribute": "aliexpress_sku",
        "productMissing": "createProductAndOrder",
        "allowOutOfStock": True,
        "useMagentoTaxes": True,
        "notification": {"enabled": True, "email": "orders@shop.example"},
        "customer": {"mode": "fixed", "email": "buyer@shop.example"},
        "orderNumber": {"source": "aliexpress", "prefix": "AE-"},
        "statusMapping": {"RISK_CONTROL": None, "FINISH": {"completed": None}, "IN_ISSUE": "fraud"},
        "fulfillment": {
            "sendTracking": False,
            "trackingRequired": True,
            "carriers": {"correos": "CORREOS_ES"},
        },
        "invoice": {"automatic": True},
    },
    "SynchronizationPolicy": {
        "title": "Live",
        "default": True,
        "basedOn": "default",
        "products": {"upload": False, "update": True, "assign": False},
        "pricesAndInventory": False,
        "orders": False,
        "schedule": {
            "products": "0 3 * * *",
            "prices": "*/15 8-18 1,15 JAN-MAR MON",
            "orders": "90m",
        },
        "includeNotVisibleIndividually": True,
        "includeOutOfStock": True,
        "observedAttributes": ["price", "name"],
    },
    "Account": {
        "title": "Spain",
        "region": "ES",
        "storeView": "es_es",
        "currency": "EUR",
        "orderPolicy": "orders",
        "synchronizationPolicy": "live",
        "authorization": {"appKey": "${env:KEY}", "appSecret": "${file:secret.txt}"},
    },
    "ListingTemplate": {
        "title": "Shoes",
        "accounts": ["fr", "es"],
        "categoryId": 200000343,
        "query": {
            "all": [
                {"inCategory": [15, 12]},
                {"any": [{"attribute": "brand", "in": ["B", "A", 12, 1.50, True]}]},
                {"not": {"attribute": "name", "contains": "sample"}},
                {"attribute": "qty", "greaterThan": 0},
                {"attribute": "price", "lessThan": "99.90"},
                {"attribute": "size", "notEquals": 44.0},
                {"attribute": "colour", "notIn": ["red"]},
                {"attribute": "active", "equals": True},
            ]
        },
        "priority": 50,
        "imagePolicy": "images",
        "pricingPolicy": "prices",
        "inventoryPolicy": "stock",
        "language": "es",
        "titleTemplate": "{{ product.brand }} {{ product.name }}",
        "attributes": [
            {"name": "Brand Name", "fromAttribute": "brand"},
            {"name": "Origin", "value": "ES"},
        ],
        "freightTemplateId": 700123456,
        "shippingLeadTimeDays": 3,
        "package": {"weightKg": 0.8, "lengthCm": 35, "widthCm": 25, "heightCm": 15},
        "inventoryDeduction": "onPayment",
        "perAccount": {
            "fr": {"language": "fr", "pricingPolicy": "prices-fr", "query": {"all": []}}
        },
    },
    "Campaign": {
        **SMALL["Campaign"],
        "query": {"inCategory": [12]},
        "priority": 10,
        "imagePolicy": "images",
        "pricingPolicy": "black-friday",
        "inventoryPolicy": "stock",
    },
}
"""Every key of each kind."""


def document(kind: str, spec: Spec) -> dict[str, Any]:
    """A document as YAML has it."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": "x", "labels": {"market": "eu"}},
        "lifecycle": {"protect": True},
        "spec": spec,
    }


def as_read(value: Any, *, nulls: bool = False) -> Any:
    """The value as the reader hands it to a model: decimals for floats, and no nulls."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, list):
        return [as_read(item, nulls=nulls) for item in value]
    if isinstance(value, dict):
        return {
            key: as_read(item, nulls=nulls or key in NULL_IS_A_VALUE)
            for key, item in value.items()
            if item is not None or nulls
        }
    return value


def read(kind: str, spec: Spec) -> Document:
    return KINDS[kind].model_validate(as_read(document(kind, spec)))
