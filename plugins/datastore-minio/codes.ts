import { defineCodes } from "pagurus";

/** What a datastore on object storage may say besides what every datastore says. */
export const minioCodes = defineCodes({
  "bucket-access-denied": {
    kind: "unavailable",
    message:
      "{endpoint} refuses {operation} of {object} in the bucket {bucket} with these credentials: {reason}",
    remedy:
      "Give the datastore credentials that may list the bucket {bucket} and read, write and delete its objects; a credentialsFile is read again by itself, anything else with a restart",
  },
  "bucket-credentials-unreadable": {
    kind: "unavailable",
    message: "The credentials for the bucket {bucket} can't be read from {path}: {reason}",
    remedy: 'Make it a JSON file that this user may read: {"accessKey": "…", "secretKey": "…"}',
  },
  "bucket-ca-unreadable": {
    kind: "unavailable",
    message: "The certificates for {endpoint} can't be read from {path}: {reason}",
    remedy: "Make it a file with certificates in PEM that this user may read",
  },
  "bucket-not-found": {
    kind: "unavailable",
    message: "There is no bucket {bucket} at {endpoint}",
    remedy:
      "Create it, such as with `mc mb`, or correct `bucket` or `endpoint` in the configuration; if it held disks, bring it back from a copy",
  },
  "bucket-clock-skewed": {
    kind: "unavailable",
    message:
      "{endpoint} refuses requests for the bucket {bucket} because its clock and this host's are {skewSeconds} s apart",
    remedy: "Set both clocks, such as by NTP",
  },
  "bucket-tls-refused": {
    kind: "unavailable",
    message: "No secure connection to {endpoint} for the bucket {bucket}: {reason}",
    remedy:
      "If the server's certificate is signed by an authority of your own, name it as `caFile`; if the server speaks plain HTTP, write http:// in `endpoint`",
  },
  "bucket-endpoint-wrong": {
    kind: "unavailable",
    message: "{endpoint} doesn't answer as an S3 server does when asked for the bucket {bucket}: {reason}",
    remedy:
      "Correct `endpoint` in the configuration: the address of the S3 API, https:// where it speaks TLS",
  },
  "bucket-region-wrong": {
    kind: "unavailable",
    message: "{endpoint} has the bucket {bucket} in another region than {region}: {reason}",
    remedy: "Correct `region` in the configuration",
  },
  "bucket-refused": {
    kind: "unavailable",
    message: "{endpoint} refuses {operation} of {object} in the bucket {bucket}: {reason}",
    remedy: "See what the server's log says of it",
  },
  "bucket-foreign": {
    kind: "unavailable",
    message: "{location} is no datastore's: it holds {object} and no {marker}",
    remedy:
      "Give the datastore a bucket or a `prefix` of its own; a bucket {bucket} that lost {marker} gets it from a copy",
  },
  "bucket-marker-unreadable": {
    kind: "unavailable",
    message: "{location} doesn't say what the bucket {bucket} holds: {reason}",
    remedy: "Restore that object from a copy; nothing in the bucket was changed",
  },
  "bucket-newer": {
    kind: "unavailable",
    message:
      "{location} says that the bucket {bucket} is of version {version}; this server knows up to {known}",
    remedy: "Use the newer release that wrote it; nothing in the bucket was changed",
  },
  "bucket-unconditional": {
    kind: "unavailable",
    message:
      "{endpoint} doesn't keep writers of one object in the bucket {bucket} apart: {reason}, seen with {object}",
    remedy:
      "Use a server that honours `If-None-Match: *` in PUT requests, such as MinIO, Ceph or S3 of today",
  },
  "bucket-versioned": {
    kind: "unavailable",
    message:
      "The bucket {bucket} at {endpoint} keeps former versions: what is deleted would fill it for ever",
    remedy: "Suspend its versioning, such as with `mc version suspend`, or use a bucket without",
  },
  "bucket-locked": {
    kind: "unavailable",
    message: "The bucket {bucket} at {endpoint} has object lock: nothing in it can be deleted",
    remedy: "Use a bucket that was made without object lock",
  },
  "bucket-expires": {
    kind: "unavailable",
    message:
      "The lifecycle rule {rule} of the bucket {bucket} at {endpoint} deletes objects under {location}",
    remedy: "Remove that rule, such as with `mc ilm rule rm`, or limit it to another prefix",
  },
  "memory-damaged": {
    kind: "internal",
    message: "What was to become the object {object} has changed in this host's memory; it was not stored",
    remedy:
      "Test this host's memory, then `pagurus disks reopen` each disk that reports it; what was flushed is in the bucket or in the journal",
  },
  "object-damaged": {
    kind: "unavailable",
    message: "{object} is damaged: {problem}",
    remedy:
      "Bring the object back from a copy. `pagurus datastores inspect` says what is left of the disk without it; `pagurus datastores repair` goes on without it",
  },
  "object-newer": {
    kind: "unavailable",
    message: "{object} is of a newer release: {problem}",
    remedy: "Use the release that wrote it, or a newer one; nothing of it was changed",
  },
  "log-fenced": {
    kind: "conflict",
    message: "Another writer has taken the disk over: {object} is not what this one wrote",
    remedy: "Look for another server that serves this disk; what this one has not flushed is lost",
  },
  "journal-missing": {
    kind: "unavailable",
    message:
      "The layer {layer} of the datastore {datastore} was flushed to the journal {journal} ({path} on {host}), and {reason}. The bucket may lack up to {maxLossBytes} bytes that were flushed since {since}",
    remedy:
      "Give the datastore that journal, on that host. Where it is lost, `pagurus datastores accept-loss {datastore} {layer} --confirm` goes on with what the bucket has",
  },
  "journal-unfit": {
    kind: "unavailable",
    message:
      "The journal {journal} ({path} on {host}) doesn't go on where the bucket's log of the layer {layer} of the datastore {datastore} ends: {reason}. The bucket may lack up to {maxLossBytes} bytes that were flushed since {since}",
    remedy:
      "Bring the bucket, or the journal, back to what it was. Where that is lost, `pagurus datastores accept-loss {datastore} {layer} --confirm` sets the journal aside and goes on with what the bucket has",
  },
  "journal-needed": {
    kind: "conflict",
    message:
      "The layer {layer} of the datastore {datastore} isn't cut at {cutAt} while it counts on the journal {journal} ({path} on {host}): {reason}",
    remedy:
      "Open the disk with that journal and close it: the bucket has everything then. To give up what only the journal holds, `pagurus datastores accept-loss {datastore} {layer} --confirm`; then cut",
  },
  "journal-failed": {
    kind: "unavailable",
    message: "The journal {path} of the layer {layer} of the datastore {datastore} can't be used: {reason}",
    remedy:
      "Bring back what was mounted at {path}, or mend that storage, then `pagurus disks reopen` the disk. What was flushed before is in that journal, and goes to the bucket as long as this server runs",
  },
  "journal-changed": {
    kind: "unavailable",
    message:
      "The journal {path} of the layer {layer} of the datastore {datastore} was not the same when it was read again: batch {batch}",
    remedy:
      "Try again: a server that writes to the disk uses its journal meanwhile. Where none does, the journal's storage does not keep what it was given: look for its errors in the kernel's log, and bring the journal to sound storage",
    retryable: true,
  },
  "log-full": {
    kind: "unavailable",
    message: "{object} is the last that its log can have",
    remedy: "Move the disk to another layer, such as to the same datastore",
  },
  "object-contended": {
    kind: "unavailable",
    message: "{object} is changed by others again and again",
    remedy: "Look for other servers that use this bucket for the same disk",
    retryable: true,
  },
});
