"""aliconf: the onboarding of a Magento shop on AliExpress as YAML in git."""

__version__ = "0.1.0"
