// Runs a Node.js handler: asks the Lambda Runtime API for events, one at a time, and posts what comes of them.
//
// Nothing of npm is used, and nothing of everwarm is imported. The environment is that of a worker process
// (environment.py); how the handler is called follows AWS:
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html (and nodejs-context, nodejs-logging).

import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import util from "node:util";

const { env } = process;
const OLDEST_NODE = 18;
const API = "/2018-06-01/runtime";

// Exit statuses of AWS's runtime for what no handler has caught.
const STATUS_REJECTION = 128;
const STATUS_EXCEPTION = 129;

// The request id of the call that is under way and not answered; null between calls.
let current = null;
let loaded = false;

// ---------------------------------------------------------------- the log

const write = process.stdout.write.bind(process.stdout);
const asJson = env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const leastLevel = asJson ? LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL ?? "INFO") : 0;

let requestId; // of the call under way, or the last one; undefined while the handler is loaded

function log(level, ...parts) {
  if (LEVELS.indexOf(level) < leastLevel) return;
  const timestamp = new Date().toISOString();
  if (!asJson) {
    write(`${timestamp}\t${requestId}\t${level}\t${util.format(...parts)}\n`);
    return;
  }
  const message = parts.length === 1 && typeof parts[0] === "object" ? parts[0] : util.format(...parts);
  const line = (shown) => JSON.stringify({ timestamp, level, requestId, message: shown });
  try {
    write(`${line(message instanceof Error ? described(message) : message)}\n`);
  } catch {
    write(`${line(util.format(...parts))}\n`); // members that refer to each other
  }
}

for (const [method, level] of Object.entries({
  trace: "TRACE",
  debug: "DEBUG",
  log: "INFO",
  info: "INFO",
  warn: "WARN",
  error: "ERROR",
  fatal: "FATAL",
})) {
  console[method] = (...parts) => log(level, ...parts);
}

// ---------------------------------------------------------------- errors

// An error of Lambda's own, by the name that it has there.
function fault(type, message) {
  const error = new Error(String(message));
  Object.defineProperty(error, "name", { value: `Runtime.${type}` });
  error.stack = error.stack.replace(/^Error/, error.name);
  return error;
}

// What the caller gets.
function payload(error) {
  if (!util.types.isNativeError(error) && !(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: String(error.stack ?? "").split("\n"),
  };
}

// What the log gets: the error's own members, too.
function described(error) {
  const { errorType, errorMessage, trace } = payload(error);
  const own = error !== null && typeof error === "object" ? error : {};
  return { errorType, errorMessage, ...own, stack: trace };
}

function logError(what, error) {
  let text;
  try {
    text = JSON.stringify(described(error));
  } catch {
    text = JSON.stringify(payload(error)); // members that refer to each other
  }
  log("ERROR", `${what} \t${text}`);
}

// ---------------------------------------------------------------- the Runtime API

const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function ask(method, place, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `${API}${place}`, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ response, body: Buffer.concat(parts) }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function post(place, text, headers = {}) {
  const body = Buffer.from(text);
  return ask("POST", place, body, { "Content-Type": "application/json", "Content-Length": body.length, ...headers });
}

function postError(place, error) {
  const told = payload(error);
  return post(place, JSON.stringify(told), { "Lambda-Runtime-Function-Error-Type": encodeURIComponent(told.errorType) });
}

// ---------------------------------------------------------------- loading

const EXTENSIONS = ["", ".js", ".mjs", ".cjs"];

// "src/orders.api.put" is the member put of the export api of src/orders.js.
function parse(handler) {
  if (handler.includes("..")) {
    throw fault(
      "MalformedHandlerName",
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(handler);
  const dot = base.indexOf(".");
  if (dot < 1 || dot === base.length - 1) throw fault("MalformedHandlerName", "Bad handler");
  return { module: path.join(path.dirname(handler), base.slice(0, dot)), names: base.slice(dot + 1).split(".") };
}

// By the package.json next to it or above.
function isModule(file) {
  if (file.endsWith(".mjs")) return true;
  if (!file.endsWith(".js")) return false;
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    const description = path.join(directory, "package.json");
    if (fs.existsSync(description)) {
      return JSON.parse(fs.readFileSync(description, "utf8")).type === "module";
    }
    if (directory === path.dirname(directory)) return false;
  }
}

async function load(root, module) {
  const place = path.resolve(root, module);
  const file = EXTENSIONS.map((extension) => place + extension).find(
    (candidate) => fs.existsSync(candidate) && fs.statSync(candidate).isFile(),
  );
  if (file !== undefined && isModule(file)) return import(pathToFileURL(file).href);
  const require = createRequire(path.join(root, "package.json"));
  if (file !== undefined) return require(file);
  // A directory with an index.js, or a package.
  return require(fs.existsSync(place) ? place : module);
}

async function handlerOf(root, handler) {
  const { module, names } = parse(handler);
  let found;
  try {
    found = await load(root, module);
  } catch (error) {
    if (error instanceof SyntaxError) throw fault("UserCodeSyntaxError", error);
    if (error?.code === "MODULE_NOT_FOUND") throw fault("ImportModuleError", error);
    throw error;
  }
  // What a CommonJS file exports is the default export where a module has loaded it.
  for (const start of [found, found?.default]) {
    const member = names.reduce((value, name) => value?.[name], start);
    if (typeof member === "function") return member;
    if (member !== undefined && member !== null) throw fault("HandlerNotFound", `${handler} is not a function`);
  }
  throw fault("HandlerNotFound", `${handler} is undefined or not exported`);
}

// ---------------------------------------------------------------- one call

function parsed(header) {
  return header === undefined ? undefined : JSON.parse(header);
}

function contextOf(headers, finish) {
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed(headers["lambda-runtime-client-context"]),
    identity: parsed(headers["lambda-runtime-cognito-identity"]),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    done: (error, result) => finish(error, result),
    fail: (error) => finish(error ?? "handled"),
    succeed: (result) => finish(null, result),
  };
}

// What the call under way does when nothing is left to do in this process; null between calls.
let onIdle = null;

// Call the handler once. Resolves with the result, rejects with the error, of whichever way it chooses to give one.
function call(handler, event, headers) {
  return new Promise((resolve, reject) => {
    let ended = false;
    let called = null;
    const settle = (error, result) => {
      if (ended) return;
      ended = true;
      onIdle = null;
      if (error !== null && error !== undefined) reject(error);
      else resolve(result);
    };
    // A callback ends the call when everything else is done, too, unless the handler does not want that.
    const callback = (error, result) => {
      if (called !== null) return;
      called = [error, result];
      if (!context.callbackWaitsForEmptyEventLoop) settle(error, result);
    };
    const context = contextOf(headers, (error, result) => settle(error, result));
    // Without an answer, and with nothing left that could bring one, the answer is null.
    onIdle = () => settle(...(called ?? [null, null]));
    try {
      const returned = handler(event, context, callback);
      if (typeof returned?.then === "function") {
        returned.then(
          (result) => settle(null, result),
          (error) => settle(error ?? new Error(String(error))),
        );
      }
    } catch (error) {
      settle(error ?? new Error(String(error)));
    }
  });
}

function text(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch {
    throw new Error("Unable to stringify response body");
  }
}

async function serve(handler) {
  for (;;) {
    const { response, body } = await ask("GET", "/invocation/next");
    if (response.statusCode !== 200) process.exit(0); // the worker is being stopped
    const { headers } = response;
    requestId = headers["lambda-runtime-aws-request-id"];
    env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    current = requestId;
    try {
      const answer = text(await call(handler, JSON.parse(body.toString("utf8")), headers));
      current = null;
      await post(`/invocation/${requestId}/response`, answer);
    } catch (error) {
      current = null;
      logError("Invoke Error", error);
      await postError(`/invocation/${requestId}/error`, error);
    }
  }
}

// ---------------------------------------------------------------- the process

// The end of the process. Whoever waits for an answer gets this one.
async function die(what, error, status) {
  logError(what, error);
  const place = current !== null ? `/invocation/${current}/error` : loaded ? null : "/init/error";
  current = null;
  try {
    if (place !== null) await postError(place, error);
  } finally {
    process.exit(status);
  }
}

process.on("uncaughtException", (error) => die("Uncaught Exception", error, STATUS_EXCEPTION));
process.on("unhandledRejection", (reason) =>
  die("Unhandled Promise Rejection", fault("UnhandledPromiseRejection", reason), STATUS_REJECTION),
);
process.on("beforeExit", () => onIdle?.());

// Where the kernel does not end a process with its parent, this does.
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(1), 1000).unref();

const version = Number(process.versions.node.split(".")[0]);
const wanted = Number(/^AWS_Lambda_nodejs(\d+)/.exec(env.AWS_EXECUTION_ENV ?? "")?.[1] ?? 0);

try {
  if (version < OLDEST_NODE) {
    throw fault("ExitError", `Node.js ${process.version} is too old to run functions; install ${OLDEST_NODE} or newer`);
  }
  if (version < wanted) {
    write(`(this function wants Node.js ${wanted}, and runs on ${process.version}, which is what node is here)\n`);
  }
  const handler = await handlerOf(env.LAMBDA_TASK_ROOT, env._HANDLER);
  loaded = true;
  await serve(handler);
} catch (error) {
  if (loaded) process.exit(1); // the Runtime API is gone, and with it whoever would want an answer
  await die("Uncaught Exception", error, STATUS_EXCEPTION);
}
