@plugin
Feature: A plugin is a good guest of the process that it runs in
  A server loads every plugin into its own process, beside the disks that guests write to at that moment. A plugin that
  hangs there keeps the server from starting or from stopping; one that ends the process takes every disk with it. So,
  whatever it provides, it comes and goes when it is told to, and leaves the process to its owner.

  The kit itself does what these scenarios say, in a process that it watches from outside.

  @rule:comes-when-told
  Rule: It comes when it is told to

    @phase:load
    Scenario: Its module is a plugin
      When its module is loaded
      Then the module's default export is what `definePlugin` returns, and promises something that this kit can check

    @phase:register
    Scenario: It takes its configuration and binds what it provides
      When it is registered with its configuration
      Then it has bound an object to each point that it provides, and to no other

    @phase:start
    Scenario: It starts
      When it is started
      Then it is ready

  @rule:goes-when-told
  Rule: It goes when it is told to

    @phase:stop
    Scenario: It stops
      When it is stopped
      Then it has ended all that it began

    @phase:again
    Scenario: It comes and goes again
      When another instance is started twice and stopped twice
      Then each second time nothing happened

    @phase:exit
    Scenario: It keeps nothing running after its end
      When every instance has been stopped
      Then the process ends by itself

  @rule:leaves-the-process-alone
  Rule: The process is not its own

    @phase:scenario
    Scenario: It neither ends the process nor blocks it
      When its features are run
      Then the process lives and answers until they have ended

    @phase:output
    Scenario: It prints nothing
      When its features are run
      Then nothing came to standard output, which belongs to whoever runs the command
