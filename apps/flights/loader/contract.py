"""The sample's contract, read from the descriptors that protoc made of its .proto files."""

import functools

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "flights.api"


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


class stub:
    """The rpcs of the contract on `channel`, by names such as "Aircraft/GetAircraft"."""

    def __init__(self, channel, descriptors):
        self._channel = channel
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
            self._pool.Add(file)

    @functools.cache
    def rpc(self, name):
        """What calls it, and the class of its request."""
        service, _, method = name.partition("/")
        rpc = self._pool.FindServiceByName(f"{PACKAGE}.{service}").methods_by_name[method]
        request = message_factory.GetMessageClass(rpc.input_type)
        reply = message_factory.GetMessageClass(rpc.output_type)
        call = self._channel.unary_unary(
            f"/{PACKAGE}.{name}",
            request_serializer=request.SerializeToString,
            response_deserializer=reply.FromString,
        )
        return call, request
