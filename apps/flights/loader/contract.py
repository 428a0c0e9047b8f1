"""The sample's contract, read from the descriptors that protoc made of its .proto files."""

import collections

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "flights.api.Aircraft"

stub_type = collections.namedtuple(
    "stub_type", ["record_flight", "record_flight_request", "get_aircraft", "get_aircraft_request"]
)


def channel(target):
    return grpc.aio.insecure_channel(
        target,
        options=[
            # A target that comes back is to be noticed soon.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
            # The target is a machine of one's own: never by way of a proxy.
            ("grpc.enable_http_proxy", 0),
        ],
    )


def stub(channel, descriptors):
    """The two rpcs and their request types, on `channel`."""
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
        pool.Add(file)
    service = pool.FindServiceByName(SERVICE)

    def rpc(name):
        method = service.methods_by_name[name]
        request = message_factory.GetMessageClass(method.input_type)
        reply = message_factory.GetMessageClass(method.output_type)
        call = channel.unary_unary(
            f"/{SERVICE}/{name}",
            request_serializer=request.SerializeToString,
            response_deserializer=reply.FromString,
        )
        return call, request

    return stub_type(*rpc("RecordFlight"), *rpc("GetAircraft"))
