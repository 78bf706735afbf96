"""The server: the web application put together, who asks, what is measured and logged."""
