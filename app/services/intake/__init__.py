"""What comes in by mail, text message, telephone and from partners' systems."""
