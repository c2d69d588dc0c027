"""The only reader of params/."""
