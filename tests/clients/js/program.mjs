// A small shop: what a program for DynamoDB does with the AWS SDK for JavaScript and its document client.
//
// node program.mjs ENDPOINT: makes a table, works with it, drops it, and prints what it has seen as one JSON object.

import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  paginateListTables,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient, ListStreamsCommand } from "@aws-sdk/client-dynamodb-streams";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  ExecuteStatementCommand,
  GetCommand,
  NumberValue,
  paginateQuery,
  paginateScan,
  PutCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

const [endpoint] = process.argv.slice(2);
const settings = {
  endpoint,
  region: "eu-central-1",
  credentials: { accessKeyId: "any", secretAccessKey: "thing" },
  maxAttempts: 1,
};
const client = new DynamoDBClient(settings);
const streams = new DynamoDBStreamsClient(settings);
const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

const TableName = `orders-${process.pid}`;
const patience = { maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.1 };
const customer = "c#1";
const number = (n) => `o#${String(n).padStart(4, "0")}`;
const seen = {};

// What an error looks like to the program that catches it.
async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    const { name, message, CancellationReasons, $metadata } = error;
    return { name, message, status: $metadata?.httpStatusCode, codes: CancellationReasons?.map(({ Code }) => Code) };
  }
  return "was not refused";
}

async function makeTable() {
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [
        { AttributeName: "customer", KeyType: "HASH" },
        { AttributeName: "number", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "customer", AttributeType: "S" },
        { AttributeName: "number", AttributeType: "S" },
        { AttributeName: "state", AttributeType: "S" },
        { AttributeName: "amount", AttributeType: "N" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-state",
          KeySchema: [
            { AttributeName: "state", KeyType: "HASH" },
            { AttributeName: "amount", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  const waited = await waitUntilTableExists({ client, ...patience }, { TableName });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const names = [];
  for await (const page of paginateListTables({ client, pageSize: 1 }, {})) names.push(...page.TableNames);
  seen.table = {
    waiter: waited.state,
    status: Table.TableStatus,
    created: Table.CreationDateTime instanceof Date,
    indexes: Table.GlobalSecondaryIndexes.map(({ IndexName, IndexStatus }) => [IndexName, IndexStatus]),
    listed: names.includes(TableName),
  };
}

async function everyKindOfValue() {
  const Item = {
    customer,
    number: number(0),
    state: "draft",
    amount: 12.5,
    exact: NumberValue.from("0.12345678901234567890123456789012345678"),
    big: 12345678901234567890n,
    tags: new Set(["a", "b"]),
    sizes: new Set([1, 2.5]),
    picture: Uint8Array.from([0, 127, 255]),
    articles: [{ article: "pen", count: 2 }, { article: "ink", gift: true, note: null }],
    nothing: undefined,
  };
  await documents.send(new PutCommand({ TableName, Item }));
  const Key = { customer, number: number(0) };
  // A client of its own for each: two document clients of one client share what was set last.
  const reader = (wrapNumbers) =>
    DynamoDBDocumentClient.from(new DynamoDBClient(settings), { unmarshallOptions: { wrapNumbers } });
  const exactly = reader(true);
  const plain = reader((text) => (Number.isSafeInteger(+text) || text.includes(".") ? +text : BigInt(text)));
  const { Item: wrapped } = await exactly.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  const { Item: got } = await plain.send(new GetCommand({ TableName, Key }));
  seen.values = {
    names: Object.keys(got).sort(),
    amount: got.amount,
    exact: String(wrapped.exact),
    big: String(got.big),
    tags: [...got.tags].sort(),
    sizes: [...got.sizes].sort(),
    picture: [...got.picture],
    articles: got.articles,
  };
}

async function changes() {
  const Key = { customer, number: number(0) };
  const { Attributes } = await documents.send(
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: "SET #state = :paid, articles[0].#count = articles[0].#count + :one ADD tags :new REMOVE picture",
      ConditionExpression: "#state = :draft AND size(articles) = :two",
      ExpressionAttributeNames: { "#state": "state", "#count": "count" },
      ExpressionAttributeValues: { ":paid": "paid", ":draft": "draft", ":one": 1, ":two": 2, ":new": new Set(["c"]) },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  const again = new PutCommand({ TableName, Item: Key, ConditionExpression: "attribute_not_exists(customer)" });
  seen.changes = {
    state: Attributes.state,
    count: Attributes.articles[0].count,
    tags: [...Attributes.tags].sort(),
    refused: await refusal(documents.send(again)),
    wrongKey: await refusal(documents.send(new GetCommand({ TableName, Key: { customer, article: number(0) } }))),
  };
}

async function batches() {
  const puts = Array.from({ length: 25 }, (_, n) => ({
    PutRequest: { Item: { customer, number: number(n + 1), state: n % 2 ? "paid" : "open", amount: n } },
  }));
  const written = await documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: puts } }));
  const Keys = [1, 2, 99].map((n) => ({ customer, number: number(n) }));
  const read = await documents.send(
    new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ProjectionExpression: "#n", ExpressionAttributeNames: { "#n": "number" } } } }),
  );
  seen.batches = {
    unprocessed: Object.keys(written.UnprocessedItems).length,
    found: read.Responses[TableName].map((item) => item.number).sort(),
    left: Object.keys(read.UnprocessedKeys).length,
  };
}

async function pages() {
  const query = {
    TableName,
    KeyConditionExpression: "customer = :customer AND #number BETWEEN :from AND :to",
    ExpressionAttributeNames: { "#number": "number" },
    ExpressionAttributeValues: { ":customer": customer, ":from": number(1), ":to": number(10) },
    ScanIndexForward: false,
  };
  const queried = [];
  for await (const page of paginateQuery({ client: documents, pageSize: 4 }, query)) {
    queried.push(page.Items.map((item) => item.number));
  }
  const byState = {
    TableName,
    IndexName: "by-state",
    KeyConditionExpression: "#state = :paid AND amount > :least",
    ExpressionAttributeNames: { "#state": "state" },
    ExpressionAttributeValues: { ":paid": "paid", ":least": 15 },
  };
  const totals = [];
  for await (const page of paginateQuery({ client: documents, pageSize: 2 }, byState)) {
    totals.push(...page.Items.map((item) => item.amount));
  }
  let scanned = 0;
  let counted = 0;
  const filter = { FilterExpression: "amount >= :least", ExpressionAttributeValues: { ":least": 20 } };
  for await (const page of paginateScan({ client: documents, pageSize: 7 }, { TableName, ...filter, Select: "COUNT" })) {
    scanned += page.ScannedCount;
    counted += page.Count;
  }
  seen.pages = { queried, totals, scanned, counted };
}

async function transactions() {
  const of = (n) => ({ TableName, Key: { customer, number: number(n) } });
  const pay = (n) => ({
    Update: {
      ...of(n),
      UpdateExpression: "SET #state = :paid",
      ConditionExpression: "#state = :open",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ":paid": "paid", ":open": "open" },
    },
  });
  const request = { TransactItems: [pay(1), { Delete: of(3) }], ClientRequestToken: `token-${process.pid}` };
  await documents.send(new TransactWriteCommand(request));
  await documents.send(new TransactWriteCommand(request)); // once more with its token: nothing happens
  const { Responses } = await documents.send(new TransactGetCommand({ TransactItems: [{ Get: of(1) }, { Get: of(3) }] }));
  seen.transactions = {
    states: Responses.map(({ Item }) => Item?.state ?? null),
    cancelled: await refusal(documents.send(new TransactWriteCommand({ TransactItems: [{ Delete: of(5) }, pay(1)] }))),
    kept: (await documents.send(new GetCommand(of(5)))).Item?.number ?? null,
  };
}

async function statements() {
  const select = { Statement: `SELECT "number", amount FROM "${TableName}" WHERE customer = ? AND "number" = ?` };
  const found = await documents.send(new ExecuteStatementCommand({ ...select, Parameters: [customer, number(7)] }));
  await documents.send(
    new ExecuteStatementCommand({
      Statement: `INSERT INTO "${TableName}" VALUE {'customer': ?, 'number': ?, 'amount': ?}`,
      Parameters: ["c#2", number(1), 5],
    }),
  );
  const { Item } = await documents.send(new GetCommand({ TableName, Key: { customer: "c#2", number: number(1) } }));
  seen.statements = { found: found.Items, inserted: Item };
}

async function surroundings() {
  const ttl = { Enabled: true, AttributeName: "expires" };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: ttl }));
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  const deleted = await documents.send(
    new DeleteCommand({ TableName, Key: { customer, number: number(9) }, ReturnValues: "ALL_OLD" }),
  );
  seen.surroundings = {
    ttl: TimeToLiveDescription,
    streams: Streams.map((stream) => stream.TableName === TableName && stream.StreamArn.includes(`:table/${TableName}/stream/`)),
    deleted: deleted.Attributes.number,
  };
}

async function dropTable() {
  await client.send(new DeleteTableCommand({ TableName }));
  const waited = await waitUntilTableNotExists({ client, ...patience }, { TableName });
  const gone = await refusal(client.send(new DescribeTableCommand({ TableName })));
  seen.dropped = { waiter: waited.state, error: gone.name };
}

for (const part of [makeTable, everyKindOfValue, changes, batches, pages, transactions, statements, surroundings, dropTable]) {
  await part();
}
console.log(JSON.stringify(seen));
