"""The Jinja templates of the generated package; they print what the plan computed and decide nothing."""
