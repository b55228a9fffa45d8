"""All rules. Importing this module registers them."""

from aliconf.rules import identity as identity
