"""A record of Kafka as the CloudEvent that it is: attributes in its headers, in binary mode."""

import collections

cloud_event = collections.namedtuple(
    "cloud_event",
    ["topic", "place", "key", "id", "source", "type", "subject", "sequence", "content_type", "payload"],
)


def of(record):
    """The event in a record of kafka-python; what is missing is None."""
    headers = {name.lower(): value.decode(errors="replace") for name, value in record.headers}
    sequence = headers.get("ce-sequence")
    return cloud_event(
        topic=record.topic,
        place=f"{record.partition}@{record.offset}",
        key=record.key.decode(errors="replace") if record.key is not None else None,
        id=headers.get("ce-id"),
        source=headers.get("ce-source"),
        type=headers.get("ce-type"),
        subject=headers.get("ce-subject"),
        sequence=int(sequence) if sequence is not None and sequence.isdigit() else None,
        content_type=headers.get("ce-datacontenttype") or headers.get("content-type"),
        payload=record.value,
    )
