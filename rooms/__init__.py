"""The live room: its life cycle, questions, posts and replies, and how they reach those who watch."""
