"""What real Keras 3.15 printed and did, and the scenarios that made it do so."""
