"""Between a post and the public: phases, verdicts, the review queue with its leases, sanctions."""
