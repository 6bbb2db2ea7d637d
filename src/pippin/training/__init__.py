"""Training: model, loss and optimizer become one program, and data is run through it."""
