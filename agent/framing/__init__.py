"""What stands around the debug text: prefixes of wrapper and container, and the wrapper's own lines."""
