import { defineCodes } from "./code.ts";

/** Loading, configuring, starting and stopping plugins. */
export const pluginCodes = defineCodes({
  "config-invalid": {
    kind: "bad-input",
    message: "The configuration in {source} is not valid: {problems}",
    remedy: "Correct each key named, then run `pagurus config check`",
  },
  "config-unreadable": {
    kind: "bad-input",
    message: "The configuration file {path} could not be read: {reason}",
    remedy: "Check the path given with --config, its permissions and its YAML",
  },
  "plugin-not-found": {
    kind: "bad-input",
    message: "The plugin {specifier}, named in {source}, could not be found: {reason}",
    remedy: "Install it there, or correct its path",
  },
  "plugin-load-failed": {
    kind: "bad-input",
    message: "The plugin {specifier} could not be loaded: {reason}",
    remedy: "Mend that; a module only declares: it waits for nothing, starts nothing and prints nothing",
  },
  "plugin-dependency-missing": {
    kind: "bad-input",
    message: "The plugin {specifier} can't be loaded: {file} imports {package}, which isn't installed",
    remedy: "Run `{command}` in {folder}",
  },
  "plugin-invalid": {
    kind: "bad-input",
    message: "{specifier} is not a plugin: {problem}",
    remedy: "Its default export must be what `definePlugin` returns",
  },
  "plugin-name-invalid": {
    kind: "bad-input",
    message: "{name} can't be a plugin's name: {problem}",
    remedy: "Choose a name such as blob-store",
  },
  "plugin-folder-exists": {
    kind: "conflict",
    message: "{folder} is there already, and nothing was written",
    remedy: "Name another folder with --dir, or remove this one",
  },
  "plugin-folder-failed": {
    kind: "unavailable",
    message: "The folder {folder} could not be made: {reason}",
    remedy: "Name another folder with --dir",
  },
  "plugin-config-loose": {
    kind: "bad-input",
    message:
      "The plugin {plugin} takes any key in its configuration, so that a misspelt one would be ignored",
    remedy: "Make its `config` with `z.strictObject`",
  },
  "not-implemented": {
    kind: "internal",
    message: "{method} is not written yet: {next}",
  },
  "plugin-api-mismatch": {
    kind: "bad-input",
    message: "The plugin {plugin} speaks API version {found}; this server speaks {wanted}",
    remedy: "Install a version of the plugin made for API version {wanted}",
  },
  "plugin-point-unknown": {
    kind: "bad-input",
    message: "The plugin {plugin} provides {point}, which this server does not know; it knows {known}",
    remedy: "Install a version of the plugin made for these extension points",
  },
  "plugin-plane-mismatch": {
    kind: "bad-input",
    message:
      "The plugin {plugin} works in the {plane} plane and requires {point}, which only the {only} plane has",
    remedy: "Let a plugin of the {only} plane do this part",
  },
  "plugin-duplicate": {
    kind: "bad-input",
    message: "Two plugins call themselves {plugin}: {first} and {second}",
    remedy: "Remove one of them from `plugins`",
  },
  "function-duplicate": {
    kind: "bad-input",
    message: "Two plugins have a function named {function}: {first} and {second}",
    remedy: "Disable one of them, or rename its function",
  },
  "plugin-requirement-missing": {
    kind: "bad-input",
    message: "The plugin {plugin} requires {point}, and no plugin provides it",
    remedy: "Configure a plugin that provides {point}",
  },
  "plugin-cycle": {
    kind: "bad-input",
    message: "Plugins require each other in a circle: {path}",
    remedy: "Break the circle in one plugin's `requires`",
  },
  "plugin-register-failed": {
    kind: "internal",
    message: "The plugin instance {instance} could not be registered: {reason}",
    remedy: "Report this to the author of the plugin",
  },
  "plugin-start-failed": {
    kind: "unavailable",
    message: "The plugin instance {instance} failed to start",
    remedy: "Mend the cause; everything already started was stopped again",
  },
  "plugin-start-timeout": {
    kind: "unavailable",
    message: "The plugin instance {instance} did not start within {timeoutMs} ms",
  },
  "plugin-stop-failed": { kind: "internal", message: "The plugin instance {instance} failed to stop" },
  "plugin-stop-timeout": {
    kind: "internal",
    message: "The plugin instance {instance} did not stop within {timeoutMs} ms",
  },
  "report-delivery-timeout": {
    kind: "unavailable",
    message: "The sink {sink} did not take a report within {timeoutMs} ms",
    remedy: "The report is in the catalog: `pagurus reports list`",
  },
  "instance-not-found": {
    kind: "not-found",
    message: "There is no {what} named {id}; there is {known}",
    remedy: "Use one of these, or configure {id}",
  },
  "instance-failed": {
    kind: "unavailable",
    message: "The {what} {id} is not in use: it failed to start",
    remedy: "Mend the cause and restart the server",
  },
  "capability-missing": {
    kind: "conflict",
    message: "{instance} cannot do this: it does not have the capability {capability}",
  },
  "native-unavailable": {
    kind: "unavailable",
    message: "{operation} needs a system call that this platform does not offer here: {reason}",
  },
});
