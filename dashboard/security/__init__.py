"""What stands between a request and the app: where it comes from, who sends it, what it may."""
