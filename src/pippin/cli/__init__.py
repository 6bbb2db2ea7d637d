"""The command `pippin`. Each word it knows is a module here, imported when it is said."""
