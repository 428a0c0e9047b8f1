"""One command as it is sent, whatever it is for."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class command:
    rpc: str  # "Aircraft/RecordFlight", of flights.api
    entity: str  # commands of the same one go one after the other
    fields: dict  # of the request
    idempotency_key: str | None = None  # of what may not take effect twice

    @property
    def name(self):
        """For people."""
        return self.idempotency_key or f"{self.rpc} {self.entity}"
