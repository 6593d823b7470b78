"""The settings of a whole run: sections, presets and how they are put together."""
