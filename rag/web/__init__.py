"""What stands between a browser or a program and the chatbot: the HTTP API, and the guard at the door."""
