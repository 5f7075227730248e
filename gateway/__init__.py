"""The edge: HTTP, pages and sockets. It decides nothing; it translates, checks who asks, and hands on."""
