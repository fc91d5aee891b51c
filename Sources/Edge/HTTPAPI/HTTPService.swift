public import Access
public import Logging
