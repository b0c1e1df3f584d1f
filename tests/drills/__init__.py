"""What takes long: faults in bursts, killed programs, budgets under load, throughput. Run by the gate."""
