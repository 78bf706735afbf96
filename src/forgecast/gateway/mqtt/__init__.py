"""MQTT 3.1.1 and 5: plain, JSON and Sparkplug B payloads, and batches forwarded between a gateway box and the plant."""
