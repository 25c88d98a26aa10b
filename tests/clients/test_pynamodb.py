"""PynamoDB: a small program with models, as its users write them. A library for lending books."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.attributes import (
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, TransactWriteError, UpdateError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection, LocalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite


class ByReader(GlobalSecondaryIndex[Any]):
    """Who has what, by the day it is due."""

    class Meta:
        index_name = "by-reader"
        projection = AllProjection()

    reader = UnicodeAttribute(hash_key=True)
    due = UTCDateTimeAttribute(range_key=True)


class ByYear(LocalSecondaryIndex[Any]):
    """A shelf in the order of years."""

    class Meta:
        index_name = "by-year"
        projection = KeysOnlyProjection()

    shelf = UnicodeAttribute(hash_key=True)
    year = NumberAttribute(range_key=True)


class Publisher(MapAttribute[Any, Any]):
    """Who printed it."""

    name = UnicodeAttribute()
    town = UnicodeAttribute(null=True)


class Book(Model):
    """A book."""

    class Meta:
        table_name = f"books-{uuid.uuid4()}"
        region = "eu-central-1"
        host = ""
        aws_access_key_id = "any"
        aws_secret_access_key = "thing"
        billing_mode = "PAY_PER_REQUEST"
        max_retry_attempts = 0

    shelf = UnicodeAttribute(hash_key=True)
    title = UnicodeAttribute(range_key=True)
    year = NumberAttribute()
    copies = NumberAttribute(default=1)
    subjects = UnicodeSetAttribute(null=True)
    publisher = Publisher(null=True)  # type: ignore[no-untyped-call]
    notes: Any = ListAttribute(null=True)
    card = JSONAttribute(null=True)
    reader = UnicodeAttribute(null=True)
    due = UTCDateTimeAttribute(null=True)
    reserved_until = TTLAttribute(null=True)
    version = VersionAttribute(null=True)
    by_reader = ByReader()
    by_year = ByYear()


DUE = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def books(endpoint: str) -> Iterator[type[Book]]:
    """The table, made with its indexes and TTL, and dropped again."""
    Book.Meta.host = endpoint
    Book.create_table(wait=True)
    assert Book.exists()
    yield Book
    Book.delete_table()
    assert not Book.exists()


@pytest.fixture(scope="module")
def connection(endpoint: str) -> Iterator[Connection]:
    """For what is not done by a model. It takes its credentials from the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "any")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "thing")
        yield Connection(region="eu-central-1", host=endpoint)


@pytest.fixture
def shelf() -> str:
    """A shelf that no other test has."""
    return f"shelf-{uuid.uuid4()}"


@pytest.fixture
def full(books: type[Book], shelf: str) -> str:
    """A shelf of 30 books, put in batches; every third is lent to somebody."""
    with books.batch_write() as batch:
        for number in range(30):
            book = books(shelf, f"volume {number:02}", year=2000 - number, copies=number % 4)
            if number % 3 == 0:
                book.reader, book.due = f"reader of {shelf}", DUE + timedelta(days=number)
            batch.save(book)
    return shelf


def test_the_table_is_as_the_models_say(books: type[Book], connection: Connection) -> None:
    described = connection.describe_table(books.Meta.table_name)
    assert described["TableStatus"] == "ACTIVE"
    assert [index["IndexName"] for index in described["GlobalSecondaryIndexes"]] == ["by-reader"]
    assert [index["IndexName"] for index in described["LocalSecondaryIndexes"]] == ["by-year"]


def test_a_book_comes_back_as_it_was_saved(books: type[Book], shelf: str) -> None:
    until = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    saved = books(
        shelf,
        "Moby-Dick",
        year=1851,
        subjects={"whales", "sea"},
        publisher=Publisher(name="Harper"),  # type: ignore[no-untyped-call]
        notes=["torn", 3, {"page": 12}],
        card={"loans": [1, 2.5, None]},
        reserved_until=until,
    )
    saved.save()
    found = books.get(shelf, "Moby-Dick", consistent_read=True)
    assert found.attribute_values.keys() == saved.attribute_values.keys()
    assert (found.year, found.copies, found.subjects) == (1851, 1, {"whales", "sea"})
    assert found.publisher.attribute_values == {"name": "Harper"}
    assert list(found.notes[:2]) == ["torn", 3]
    assert found.card == {"loans": [1, 2.5, None]}
    assert found.reserved_until == until
    assert found.version == 1


def test_what_is_not_there_is_said_to_be_missing(books: type[Book], shelf: str) -> None:
    with pytest.raises(DoesNotExist):
        books.get(shelf, "nothing")


def test_updates_with_conditions(books: type[Book], shelf: str) -> None:
    book = books(shelf, "Emma", year=1815, copies=2, notes=["first"])
    book.save(books.shelf.does_not_exist())
    book.update(
        [
            books.copies.set(books.copies - 1),
            books.notes.set(books.notes.append(["second"])),
            books.subjects.add({"novel"}),
        ],
        condition=(books.copies > 0) & books.reader.does_not_exist(),
    )
    assert (book.copies, list(book.notes), book.subjects) == (1, ["first", "second"], {"novel"})
    with pytest.raises(UpdateError) as refused:
        book.update([books.year.remove()], condition=books.publisher.exists())
    assert refused.value.cause_response_code == "ConditionalCheckFailedException"
    with pytest.raises(DeleteError):
        book.delete(books.year.between(1900, 2000) | books.title.startswith("X"))
    book.delete(books.year.is_in(1815, 1816))
    assert books.count(shelf) == 0


# Two readers have loaded the same version; the second one to save is told.
def test_a_version_that_is_out_of_date(books: type[Book], shelf: str) -> None:
    books(shelf, "Ulysses", year=1922).save()
    first, second = books.get(shelf, "Ulysses"), books.get(shelf, "Ulysses")
    first.copies = 5
    first.save()
    second.copies = 6
    with pytest.raises(PutError) as refused:
        second.save()
    assert refused.value.cause_response_code == "ConditionalCheckFailedException"
    second.refresh()
    assert (second.copies, second.version) == (5, 2)


def test_queries_page_by_page_in_both_directions(books: type[Book], full: str) -> None:
    titles = [f"volume {number:02}" for number in range(30)]
    assert [book.title for book in books.query(full, page_size=7)] == titles
    assert [book.title for book in books.query(full, scan_index_forward=False, limit=3)] == titles[:-4:-1]
    assert [book.title for book in books.query(full, books.title.between("volume 05", "volume 07"))] == titles[5:8]
    some = books.query(full, books.title.startswith("volume 1"), filter_condition=books.copies == 0, page_size=2)
    assert [book.title for book in some] == ["volume 12", "volume 16"]
    assert books.count(full, books.title < "volume 10") == 10


def test_a_query_goes_on_where_it_was_left(books: type[Book], full: str) -> None:
    begun = books.query(full, limit=4)
    assert [book.title for book in begun] == [f"volume {number:02}" for number in range(4)]
    following = books.query(full, limit=2, last_evaluated_key=begun.last_evaluated_key)
    assert [book.title for book in following] == ["volume 04", "volume 05"]


def test_queries_on_indexes(books: type[Book], full: str) -> None:
    reader = f"reader of {full}"
    due = books.by_reader.query(reader, books.due > DUE + timedelta(days=20), page_size=2)
    assert [book.title for book in due] == ["volume 21", "volume 24", "volume 27"]
    assert books.by_reader.count(reader) == 10
    oldest = [item.year for item in books.by_year.query(full, limit=3)]
    assert oldest == [1971, 1972, 1973]


def test_scans(books: type[Book], full: str) -> None:
    scanned = books.scan(books.shelf == full, page_size=10)
    assert sorted(book.title for book in scanned) == [f"volume {number:02}" for number in range(30)]
    halves = [{book.title for book in books.scan(books.shelf == full, segment=n, total_segments=2)} for n in (0, 1)]
    assert len(halves[0] | halves[1]) == 30
    assert not halves[0] & halves[1]


def test_batch_get(books: type[Book], full: str) -> None:
    keys: Any = [(full, f"volume {number:02}") for number in (3, 5, 99)]
    found = books.batch_get(keys, attributes_to_get=["title", "year"])
    assert {book.title for book in found} == {"volume 03", "volume 05"}


def test_transactions(books: type[Book], full: str, connection: Connection) -> None:
    old = books.get(full, "volume 01")
    with TransactWrite(connection=connection, client_request_token=str(uuid.uuid4())) as transaction:
        transaction.save(books(full, "new", year=2024))
        transaction.update(old, actions=[books.copies.set(9)], condition=books.copies == 1)
        transaction.condition_check(books, full, "volume 02", condition=books.year == 1998)
        transaction.delete(books.get(full, "volume 04"))
    with TransactGet(connection=connection) as reading:
        one, two = reading.get(books, full, "new"), reading.get(books, full, "volume 01")
    assert (one.get().year, two.get().copies) == (2024, 9)
    assert books.count(full) == 30

    taken = books(full, "volume 06", year=1)

    def exchange() -> None:
        with TransactWrite(connection=connection) as transaction:
            transaction.delete(books.get(full, "volume 05"))
            transaction.save(taken, condition=books.shelf.does_not_exist())

    with pytest.raises(TransactWriteError) as refused:
        exchange()
    reasons = refused.value.cancellation_reasons
    assert [reason and reason.code for reason in reasons] == [None, "ConditionalCheckFailed"]
    assert books.get(full, "volume 05").year == 1995
