"""The measures themselves: functions of their arguments, with no clock, no file and no random source of their own."""
