Feature: A disk moves by its dirty blocks while its guest goes on

  @M-12
  Scenario: Without writes there is nothing left to copy while the guest is held
    Given the datastores "fast" and "archive"
    And a disk "web" of 1 MiB with something written everywhere
    When "web" is moved to "archive"
    Then the move has succeeded
