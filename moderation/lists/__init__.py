"""Word lists that change while posts go on: versions in the store, live on every node a moment later."""
