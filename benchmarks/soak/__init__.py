"""Half an hour of refreshing: whether memory and files stay as large as they are."""
