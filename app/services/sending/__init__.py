"""What goes out by channels: letters, text messages and calls of partners."""
