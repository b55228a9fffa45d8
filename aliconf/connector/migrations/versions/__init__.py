"""One migration a file, ``v<revision>_<what>.py``; ``schema.REVISIONS`` lists them too."""
