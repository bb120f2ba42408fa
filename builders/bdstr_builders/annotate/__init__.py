"""Texts for photographs, written by people: the answers, the order, the page and its server."""
