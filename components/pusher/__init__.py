"""TFX's Pusher that never shows a version before it is complete."""
