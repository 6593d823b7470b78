"""What every request passes: admission, metrics, access log; and the health of the server."""
