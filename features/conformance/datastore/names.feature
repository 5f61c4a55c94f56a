@datastore
Feature: Names stay names
  The name of a layer becomes part of a path, a key or a row in the store. Where a name can mean more than itself, whoever
  may name a disk can read and destroy what lies outside the store; where two names can mean the same, two users have
  one disk.

  @rule:names-stay-inside
  Rule: What isn't a name of a layer is refused, and nothing outside the store is touched

    # As in JSON, where \ begins an escape.
    Scenario: Names that lead out of the store, end early or look like others
      Then nothing can be done with layers of these names:
        | ../a             |
        | ../../../tmp/a   |
        | a/../../a        |
        | a/b              |
        | /a               |
        | a\\\\b           |
        | C:a              |
        | .                |
        | ..               |
        | ~                |
        |                  |
        | a b              |
        | a\\n             |
        | a\\u0000         |
        | a\\u0000.raw     |
        | a.json           |
        | %2e%2e%2fa       |
        | *                |
        | $HOME            |
        | a'--             |
        | A                |
        | Layer            |
        | \\u00e4          |
        | a\\u0308         |
        | \\u0430          |
        | \\uff41          |
        | \\u0131          |
        | a\\u200b         |
        | \\u202ea         |
      And nothing can be done with a layer whose name has 129 letters
      And nothing can be done with a layer whose name has 255 letters
      And nothing can be done with a layer whose name has 5000 letters
      And the folder around the store has nothing new in it

  @rule:names-are-kept-apart
  Rule: Two names are two layers, however alike they look

    Scenario: Names that are nearly the same
      Given layers of these names, each filled with its own:
        | a       |
        | aa      |
        | a-      |
        | a_      |
        | -a      |
        | a--     |
        | 0       |
        | 00      |
        | 1e3     |
        | 1000    |
        | a-raw   |
        | a_raw   |
        | a-json  |
        | a-tmp   |
        | con     |
        | null    |
      And two such layers whose names have 128 letters and differ in the last one
      Then each of them reads as it was written
      And the datastore lists each of them
