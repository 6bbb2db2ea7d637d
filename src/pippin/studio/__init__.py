"""The page: a run looked at live or afterwards, a step opened, photos turned into a classifier. In a browser, in a
notebook, and as one HTML file; all three ask the same questions (answers.py) and draw the same answers (web/)."""
