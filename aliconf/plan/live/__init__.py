"""What the connector holds, as YAML: whole documents, and single values in those that are there."""
