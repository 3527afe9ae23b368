"""Disk and only disk: folders, images, weights, metadata."""
