"""Keys from the master key ring: digests, encryption and signatures."""
