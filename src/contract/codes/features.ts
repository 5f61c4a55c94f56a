import { defineCodes } from "./code.ts";

/** Features and acceptance runs. */
export const featureCodes = defineCodes({
  "feature-not-found": {
    kind: "not-found",
    message: "There is no feature {feature}",
    remedy: "See `pagurus features list`",
  },
  "feature-needs-checkout": {
    kind: "conflict",
    message:
      "The feature {feature} can only be run in a checkout of Pagurus: the package has no steps for it",
    remedy: "Run it from a checkout; from the package run features of the kind `conformance`",
  },
  "plugin-unknown": {
    kind: "not-found",
    message: "This server knows no plugin {plugin}; it knows {known}",
    remedy: "Name the plugin in `plugins` of pagurus.yaml and restart the server",
  },
  "acceptance-run-failed": {
    kind: "internal",
    message: "Running the features against {subject} failed",
    wrapper: true,
  },
  "scenarios-failed": {
    kind: "internal",
    message: "{failed} of {scenarios} scenarios failed, the first: {first}",
    remedy: "Read what each says with `pagurus features show`; seed {seed} repeats it",
  },
  "acceptance-run-empty": {
    kind: "conflict",
    message: "No scenario was run: {reason}",
    remedy: "Choose features and tags that apply; see `pagurus features list`",
  },
  "acceptance-run-died": {
    kind: "unavailable",
    message: "The process that ran the features died (code {code}, signal {signal}); it said last: {said}",
    retryable: true,
  },
});
