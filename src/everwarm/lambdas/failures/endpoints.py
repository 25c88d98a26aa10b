"""Where queues, topics and buckets are: nowhere, unless somebody has said so.

A person's AWS credentials alone never lead to AWS: what a stack that is tried out tells of failures must not end up in
somebody's real queue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from everwarm.errors import DestinationError, MappingError
from everwarm.lambdas.mappings.destination import Service, parse_destination

AWS = "aws"
"""In the place of a URL: AWS itself, with the person's own credentials."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """For each service the URL of its endpoint, or `AWS`; a service that has none is not to be had."""

    by_service: Mapping[Service, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: str | None, environ: Mapping[str, str]) -> "Endpoints":
        """
        Args:
            given: a URL for all services, or `AWS`; None leaves it to the environment.
            environ: there `AWS_ENDPOINT_URL_SQS`, `_SNS` and `_S3` count, AWS's own names. `AWS_ENDPOINT_URL` does
                not: it names a DynamoDB as a rule, this one perhaps.

        Raises:
            DestinationError: what is given is neither.
        """
        if given is not None:
            return cls({service: _checked(given, "the endpoint of destinations") for service in Service})
        names = {service: f"AWS_ENDPOINT_URL_{service.upper()}" for service in Service}
        return cls({service: _checked(environ[name], name) for service, name in names.items() if environ.get(name)})

    def reach(self, arn: str) -> bool:
        """Whether there is an endpoint for this destination."""
        try:
            return parse_destination(arn).service in self.by_service
        except MappingError:
            return False


def _checked(value: str, name: str) -> str:
    if value != AWS and not value.startswith(("http://", "https://")):
        raise DestinationError(
            f"{name} is {value!r}; it has to be a URL, http://127.0.0.1:4566 say, or the word 'aws' for AWS itself"
        )
    return value
