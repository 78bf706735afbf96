"""The REST API: every door under `/api/v1`, with one error shape, pages of rows, ETags and idempotency keys."""
