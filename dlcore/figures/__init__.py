"""What the chapters and notebooks show: pictures and small machines over arrays."""
