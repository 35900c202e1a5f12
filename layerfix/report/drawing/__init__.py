"""Pictures as inline SVG and PNG, without any drawing library."""
